import { readFileSync } from 'node:fs'
import { App } from 'aws-cdk-lib'
import { integration } from './integ.ts'

// `npm run test:account` deploys this into the account you are logged in to, and destroys it again.

const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
  context: Record<string, unknown>
}
integration(new App({ context }))
