// Starts the CDK app on whatever Node runs this. One that is too old hands it to the Node that npm installed here, which
// exists on Linux only.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isNewEnough, refuseNode } from './node-version.mjs'

const app = new URL('app.ts', import.meta.url)
const bundled = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))

if (isNewEnough) await import(app.href)
else if (existsSync(bundled) && !process.env.BATON_APP_STARTED) {
  const env = { ...process.env, BATON_APP_STARTED: 'true' }
  const { status } = spawnSync(bundled, [fileURLToPath(app)], { stdio: 'inherit', env })
  process.exitCode = status ?? 1
} else refuseNode('this app', ', and call cdk again')
