/** A machine's own upgrade command: `ask.ts URL VERSION`. Ends with what the answer says. */
const [url = '', version = ''] = process.argv.slice(2)
const response = await fetch(`${url}/${version}`, { method: 'POST' })
process.stdout.write(await response.text())
process.exitCode = response.ok ? 0 : 1
