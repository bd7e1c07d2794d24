// What a step's command line runs in these tests: asks the supervisor and ends when it has done it.
const [url = '', ...words] = process.argv.slice(2)
const response = await fetch([url, ...words].join('/'), { method: 'POST', signal: AbortSignal.timeout(110_000) })
console.log(await response.text())
process.exitCode = response.ok ? 0 : 1
