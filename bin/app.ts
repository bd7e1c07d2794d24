import { existsSync } from 'node:fs'
import { App, Tags } from 'aws-cdk-lib'
import { readAppConfig } from '../lib/cdk/app-config.ts'
import { BatonStack } from '../lib/cdk/stack.ts'
import { BatonError } from '../lib/errors.ts'

/**
 * Context: `-c config=FILE`; `-c canary=false` replaces the gate at once; for emulators `-c documents=false`, `-c private=false`, `-c metric-math=false` and `-c
 * emulator=URL`.
 */
const app = new App()
const isOn = (flag: string) => String(app.node.tryGetContext(flag) ?? true) !== 'false'

const defaultConfig = () =>
  existsSync('baton.config.yaml') && !existsSync('baton.config.json') ? 'baton.config.yaml' : 'baton.config.json'

try {
  const config = readAppConfig(String(app.node.tryGetContext('config') ?? defaultConfig()))
  const { name, account, region } = config
  const env = { ...(account !== undefined && { account }), ...(region !== undefined && { region }) }
  const emulator: unknown = app.node.tryGetContext('emulator')
  new BatonStack(app, `Baton-${name}`, {
    env,
    config,
    documents: isOn('documents'),
    privateGate: isOn('private'),
    metricMath: isOn('metric-math'),
    canary: isOn('canary'),
    ...(emulator !== undefined && { emulator: String(emulator) }),
  })
  Tags.of(app).add('baton', name)
} catch (error) {
  if (!(error instanceof BatonError)) throw error
  process.stderr.write(`${error.message}\n${error.remedy}\n`)
  process.exit(1)
}
