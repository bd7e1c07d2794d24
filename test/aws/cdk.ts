import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { account, type Emulator } from './emulator.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

/**
 * What the emulator cannot take is left out by context: it knows no `AWS::SSM::Document`, and no
 * private APIs. docs/install.md lists it, with the tests that stand in for it.
 */
const emulated = (url: string) =>
  ['documents=false', 'private=false', 'metric-math=false', `emulator=${url}`].flatMap((flag) => ['-c', flag])

/** The CDK command line, as users run it, on the real app and an emulated account. */
export class Cdk {
  readonly #env: Record<string, string | undefined>
  readonly #folder: string
  readonly #config: string

  readonly #flags: readonly string[]

  constructor({ env, url }: Emulator, folder: string, config: object) {
    this.#env = { ...process.env, ...env }
    this.#flags = emulated(url)
    this.#folder = folder
    this.#config = join(folder, 'baton.config.json')
    this.configure(config)
  }

  /** Writes the configuration file that the next deploy reads. */
  configure(config: object): void {
    writeFileSync(this.#config, JSON.stringify(config, null, 2))
  }

  /**
   * Prepares the account. The emulator never gives policies whose resource they are asked about, so
   * the one condition on that is taken out of CDK's own bootstrap template.
   */
  async bootstrap(): Promise<void> {
    const template = await this.#cdk('bootstrap', '--show-template')
    const condition = / +Condition:\n +StringEquals:\n +aws:ResourceAccount:\n +- Fn::Sub: \$\{AWS::AccountId\}\n/
    const file = join(this.#folder, 'bootstrap.yaml')
    writeFileSync(file, template.replace(condition, ''))
    await this.#cdk('bootstrap', `aws://${account.id}/${account.region}`, '--template', file)
  }

  /** Deploys; returns the outputs of the stack. */
  async deploy(): Promise<Record<string, string>> {
    const outputs = join(this.#folder, 'outputs.json')
    await this.#cdk('deploy', '--require-approval', 'never', '--outputs-file', outputs, ...this.#flags)
    const [stack = {}] = Object.values(
      JSON.parse(readFileSync(outputs, 'utf8')) as Record<string, Record<string, string>>,
    )
    return stack
  }

  async destroy(): Promise<void> {
    await this.#cdk('destroy', '--force', ...this.#flags)
  }

  async #cdk(...args: string[]): Promise<string> {
    const always = ['--no-notices', '-c', `config=${this.#config}`, '-o', join(this.#folder, 'cdk.out')]
    try {
      const { stdout } = await run(join(ROOT, 'node_modules/.bin/cdk'), [...args, ...always], {
        cwd: ROOT,
        env: this.#env,
        maxBuffer: 64 * 1024 * 1024,
      })
      return stdout
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
      throw new Error(`cdk ${args.join(' ')} failed:\n${stdout.slice(-3_000)}\n${stderr.slice(-6_000)}`, {
        cause: error,
      })
    }
  }
}
