import { App, Tags } from 'aws-cdk-lib'
import { readAppConfig } from '../lib/deployment/app-config.ts'
import { BatonStack } from '../lib/deployment/stack.ts'
import { BatonError } from '../lib/errors.ts'

/** Context: `-c config=FILE`; for emulators `-c documents=false` and `-c private=false`. */
const app = new App()
const isOn = (flag: string) => String(app.node.tryGetContext(flag) ?? true) !== 'false'

try {
  const config = readAppConfig(String(app.node.tryGetContext('config') ?? 'baton.config.json'))
  const { name, account, region } = config
  const env = { ...(account !== undefined && { account }), ...(region !== undefined && { region }) }
  new BatonStack(app, `Baton-${name}`, { env, config, documents: isOn('documents'), privateGate: isOn('private') })
  Tags.of(app).add('baton', name)
} catch (error) {
  if (!(error instanceof BatonError)) throw error
  process.stderr.write(`${error.message}\n${error.remedy}\n`)
  process.exit(1)
}
