// Runs in the page: keeps the fragments fresh and asks before each act.
;(() => {
  const SILENT_MS = 4000
  const byId = (id) => document.getElementById(id)
  const token = document.querySelector('meta[name=baton-token]').content
  let heardAt = Date.now()

  const keyOf = (node) => node.dataset?.key
  const alike = (a, b) => a?.nodeType === b.nodeType && a.nodeName === b.nodeName && !keyOf(a)

  /** Makes `from` look like `to` with as few changes as possible, so that focus, scroll and selection stay. */
  function morph(from, to) {
    for (const name of from.getAttributeNames()) if (!to.hasAttribute(name)) from.removeAttribute(name)
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

  byId('state').addEventListener('click', async ({ target }) => {
    const button = target.closest('button[data-verb]')
    if (!button || button.disabled) return
    const { verb, input, ask: question } = button.dataset
    if (!(await ask(question))) return
    try {
      const response = await fetch(`/acts/${verb}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-baton-token': token },
        body: input,
      })
      const { message, error } = await response.json()
      say(response.ok ? message : `Not done: ${error}`, !response.ok)
    } catch {
      say('Not known whether it was done: the server did not answer.', true)
    }
  })
})()
