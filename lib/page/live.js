// Runs in the page: refreshes the fragments and confirms each act.
;(() => {
  const SILENT_MS = 4000
  const byId = (id) => document.getElementById(id)
  const KEPT = 'baton-token'
  // `baton start` prints the token in the address. Keep it for this tab, so that a reload may act, and remove it from
  // the address, so that no bookmark or screenshot contains it.
  function takeToken() {
    const given = location.hash.slice(1)
    if (given === '') return
    sessionStorage.setItem(KEPT, given)
    history.replaceState(null, '', location.pathname)
  }
  takeToken()
  addEventListener('hashchange', takeToken)
  let heardAt = Date.now()

  const keyOf = (node) => node.dataset?.key
  const alike = (a, b) => a?.nodeType === b.nodeType && a.nodeName === b.nodeName && !keyOf(a)

  /** Makes `from` look like `to` with as few changes as possible, so that focus, scroll and selection stay. */
  function morph(from, to) {
    // Keep what the reader unfolded.
    const theirs = (name) => name === 'open' && from.nodeName === 'DETAILS'
    for (const name of from.getAttributeNames()) {
      if (!to.hasAttribute(name) && !theirs(name)) from.removeAttribute(name)
    }
    for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value)
    const keyed = new Map(Array.from(from.children, (child) => [keyOf(child), child]))
    let place = from.firstChild
    for (const wanted of Array.from(to.childNodes)) {
      const key = keyOf(wanted)
      const known = key ? keyed.get(key) : alike(place, wanted) && place
      if (!known) from.insertBefore(wanted, place)
      else {
        if (known === place) place = place.nextSibling
        else from.insertBefore(known, place)
        if (known.nodeType === Node.ELEMENT_NODE) morph(known, wanted)
        else if (known.nodeValue !== wanted.nodeValue) known.nodeValue = wanted.nodeValue
      }
    }
    while (place) {
      const { nextSibling } = place
      place.remove()
      place = nextSibling
    }
  }

  function show(id, markup) {
    const next = document.createElement('div')
    next.innerHTML = markup
    const here = byId(id)
    for (const { name, value } of here.attributes) next.setAttribute(name, value)
    morph(here, next)
  }

  const news = new EventSource('/events')
  news.addEventListener('state', ({ data }) => {
    const { title, state } = JSON.parse(data)
    heardAt = Date.now()
    document.title = title
    show('state', state)
  })
  setInterval(() => {
    const silent = Date.now() - heardAt
    const lost = byId('lost')
    lost.hidden = silent < SILENT_MS
    if (!lost.hidden) lost.textContent = `No news for ${Math.round(silent / 1000)} s: what is below is old.`
  }, 500)

  function ask(question) {
    const dialog = byId('ask')
    byId('question').textContent = question
    dialog.returnValue = 'no'
    dialog.showModal()
    return new Promise((resolve) =>
      dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }),
    )
  }

  let hiding
  function say(text, failed) {
    const said = byId('said')
    said.textContent = text
    said.className = failed ? 'failed' : ''
    said.hidden = false
    clearTimeout(hiding)
    hiding = setTimeout(() => {
      said.hidden = true
    }, 8000)
  }

  /** Sends a request; resolves with the answer, and whether it succeeded. */
  async function send(path, input) {
    const token = sessionStorage.getItem(KEPT)
    if (!token) return { ok: false, error: 'this page cannot act; open the address that "baton start" printed' }
    try {
      const response = await fetch(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-baton-token': token },
        body: input,
      })
      return { ok: response.ok, ...(await response.json()) }
    } catch {
      return { ok: false, error: 'the server did not answer, so it is not known whether it was done' }
    }
  }

  byId('state').addEventListener('click', async ({ target }) => {
    const button = target.closest('button[data-verb]')
    if (!button || button.disabled) return
    const { verb, input, ask: question } = button.dataset
    if (question && !(await ask(question))) return
    const { ok, message, error } = await send(`/acts/${verb}`, input)
    say(ok ? message : `Not done: ${error}`, !ok)
  })

  /** The filled-in fields: non-empty text and ticked boxes. */
  function filled(form) {
    const entries = Array.from(new FormData(form), ([name, value]) => [name, value.trim()])
    const ticked = ([name, value]) => [name, form.elements[name].type === 'checkbox' ? true : value]
    return Object.fromEntries(entries.filter(([, value]) => value !== '').map(ticked))
  }

  const planned = byId('planned')
  /** Shows the plan of a procedure, and begins it once the reader confirms. */
  byId('state').addEventListener('submit', async (event) => {
    event.preventDefault()
    const form = event.target
    const { procedure, title, begin, confirm } = form.dataset
    const input = filled(form)
    const button = form.querySelector('button')
    button.disabled = true
    const { ok, words, held, error } = await send(`/plans/${procedure}`, JSON.stringify(input))
    button.disabled = false
    byId('plan-title').textContent = title
    byId('plan').textContent = ok ? words : `No plan: ${error}`
    byId('refused').hidden = true
    byId('confirm').hidden = !confirm
    byId('hash').value = ''
    byId('begin').textContent = begin
    byId('begin').disabled = !ok || held
    byId('begin').className = confirm ? 'danger' : ''
    planned.showModal()
    byId('begin').onclick = async () => {
      byId('begin').disabled = true
      const hash = confirm ? { hash: byId('hash').value } : {}
      const begun = await send(`/acts/${procedure}`, JSON.stringify({ ...input, ...hash }))
      byId('begin').disabled = false
      if (begun.ok) {
        planned.close()
        say(begun.message, false)
        scrollTo({ top: 0, behavior: 'smooth' })
      } else {
        byId('refused').textContent = `Not done: ${begun.error}`
        byId('refused').hidden = false
      }
    }
  })
})()
