// Starts the CDK app on whatever Node runs this. One that strips types (22.18 or later, or 24) runs it itself; an older
// one hands it to the Node that npm installed here, which exists on Linux only.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const app = new URL('app.ts', import.meta.url)
const bundled = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))

if (process.features.typescript) await import(app.href)
else if (existsSync(bundled) && !process.env.BATON_APP_STARTED) {
  const env = { ...process.env, BATON_APP_STARTED: 'true' }
  const { status } = spawnSync(bundled, [fileURLToPath(app)], { stdio: 'inherit', env })
  process.exitCode = status ?? 1
} else {
  process.stderr.write(
    `Node ${process.versions.node} cannot run this app.\nInstall Node 24, or 22.18 or later, and call cdk again.\n`,
  )
  process.exitCode = 1
}
