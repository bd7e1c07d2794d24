// Runs in the page: refreshes the fragments and confirms each act.
;(() => {
  const SILENT_MS = 4000
  const byId = (id) => document.getElementById(id)
  const KEPT = 'baton-token'
  const UNANSWERED = 'the server did not answer, so it is not known whether it was done'
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

  const { body } = document
  const icons = JSON.parse(body.dataset.icons)
  let title = document.title
  let status = ''
  // Why no act is possible; empty = acts are possible.
  let forbidden = ''

  /** Buttons that would fail are disabled: a page must not look as if it could act. */
  function allow() {
    if (forbidden === '') return
    for (const button of byId('state').querySelectorAll('button')) {
      button.disabled = true
      button.title = forbidden
    }
  }

  function showStatus() {
    const lost = !byId('lost').hidden
    const wanted = icons[lost ? 'lost' : status]
    if (wanted && byId('icon').getAttribute('href') !== wanted) byId('icon').setAttribute('href', wanted)
    document.title = lost ? `NO NEWS: ${title}` : title
  }

  const news = new EventSource('/events')
  news.addEventListener('state', ({ data }) => {
    const shown = JSON.parse(data)
    // Another process serves the page now, with a token and a script of its own.
    if (shown.instance !== body.dataset.instance) {
      news.close()
      location.reload()
      return
    }
    heardAt = Date.now()
    title = shown.title
    status = shown.status
    if (body.dataset.said !== shown.announce.key) {
      body.dataset.said = shown.announce.key
      byId('announce').textContent = shown.announce.text
    }
    show('state', shown.state)
    watch()
    allow()
  })

  function watch() {
    const silent = Date.now() - heardAt
    const lost = silent >= SILENT_MS
    // The sentence is announced when it appears; the seconds are not.
    if (byId('lost').hidden === lost) byId('lost').hidden = !lost
    byId('silent').textContent = lost ? `Last news ${Math.round(silent / 1000)} s ago.` : ''
    showStatus()
    if (lost) for (const button of byId('state').querySelectorAll('button')) button.disabled = true
    if (lost && byId('ask').open) byId('ask').close('no')
  }
  setInterval(watch, 500)

  async function mayAct() {
    const { ok, error } = await send('/acts/none', '{}')
    if (ok || error === UNANSWERED) return
    sessionStorage.removeItem(KEPT)
    forbidden = 'this page only shows; to act, open the address that "baton start" printed'
    byId('shows-only').textContent =
      'This page only shows. To act, open the address that “baton start” printed: each start has a new one.'
    byId('shows-only').hidden = false
    allow()
  }
  if (byId('state').querySelector('button')) void mayAct()
  // Opened in this tab with its token.
  addEventListener('hashchange', () => {
    forbidden = ''
    byId('shows-only').hidden = true
    location.reload()
  })

  /** Asks before an act; resolves with the reason where one is asked for, else with an empty text; `undefined` = no. */
  function ask({ title: name, question, why }) {
    const dialog = byId('ask')
    byId('ask-title').textContent = name
    byId('question').textContent = question
    byId('yes').textContent = name
    byId('why-asked').hidden = !why
    byId('why').required = why
    byId('why').value = ''
    dialog.returnValue = 'no'
    dialog.showModal()
    return new Promise((resolve) =>
      dialog.addEventListener(
        'close',
        () => resolve(dialog.returnValue === 'yes' ? byId('why').value.trim() : undefined),
        { once: true },
      ),
    )
  }
  byId('no').addEventListener('click', () => byId('ask').close('no'))

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
      return { ok: false, error: UNANSWERED }
    }
  }

  byId('state').addEventListener('click', async ({ target }) => {
    const button = target.closest('button[data-verb]')
    if (!button || button.disabled) return
    const { verb, input, ask: question, why } = button.dataset
    const given = question ? await ask({ title: button.textContent, question, why: why === 'yes' }) : ''
    if (given === undefined) return
    const filled = given === '' ? input : JSON.stringify({ ...JSON.parse(input), why: given })
    const { ok, message, error } = await send(`/acts/${verb}`, filled)
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
    if (button.disabled) return
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
    byId('begin').className = confirm ? 'danger' : 'primary'
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
