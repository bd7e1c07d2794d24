import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MODULE } from '../go-module.ts'

const run = promisify(execFile)
const VENV = join(MODULE, '..', '..', '.cache', 'op-conductor-ops')
const PYTHON = join(VENV, 'bin', 'python')

/** What op-conductor-ops has to know of a sequencer. */
export type Sequencer = { readonly conductor: string; readonly node: string; readonly voting: boolean }

/** How a command ended, and what it printed. */
export type Ended = { readonly code: number; readonly text: string }

/** op-conductor-ops, from a checkout of ethereum-optimism/infra. */
export class OpConductorOps {
  readonly #source: string
  readonly #config: string

  private constructor(infra: string, config: string) {
    this.#source = join(infra, 'op-conductor-ops')
    this.#config = config
  }

  /** Makes its environment once, and writes its config.toml. */
  static async create(
    infra: string,
    folder: string,
    sequencers: Readonly<Record<string, Sequencer>>,
  ): Promise<OpConductorOps> {
    const done = join(VENV, 'done')
    if (!existsSync(done)) {
      await rm(VENV, { recursive: true, force: true })
      await run('python3', ['-m', 'venv', VENV])
      await run(join(VENV, 'bin', 'pip'), [
        'install',
        '--quiet',
        '-r',
        join(import.meta.dirname, 'op-conductor-ops.txt'),
      ])
      await writeFile(done, '')
    }
    const names = Object.keys(sequencers)
    const tables = Object.entries(sequencers).map(
      ([name, { conductor, node, voting }]) =>
        `[sequencers.${name}]\nraft_addr = "${name}:50050"\nconductor_rpc_url = "${conductor}"\nnode_rpc_url = "${node}"\nvoting = ${voting}\n`,
    )
    const config = join(folder, `config-${names.map((name) => Number(sequencers[name]?.voting)).join('')}.toml`)
    await writeFile(config, `[networks.devnet]\nsequencers = ${JSON.stringify(names)}\n\n${tables.join('\n')}`)
    return new OpConductorOps(infra, config)
  }

  /** Runs a command to its end, as an operator would. */
  async run(...words: readonly string[]): Promise<Ended> {
    const env = {
      ...process.env,
      PYTHONPATH: this.#source,
      PYTHONDONTWRITEBYTECODE: '1',
      COLUMNS: '250',
      NO_COLOR: '1',
    }
    const args = ['-m', 'op_conductor_ops.cli', '--config', this.#config, ...words]
    const ended = run(PYTHON, args, { env, timeout: 60_000 }).then(
      ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
      (error: { code?: number; stdout?: string; stderr?: string }) => ({
        code: error.code ?? -1,
        text: `${error.stdout}${error.stderr}`,
      }),
    )
    return await ended
  }

  /** The rows of `status` by sequencer, and what it warns of. */
  async status(): Promise<{ readonly rows: Readonly<Record<string, Row>>; readonly warnings: readonly string[] }> {
    const { code, text } = await this.run('status', 'devnet')
    if (code !== 0) throw new Error(text)
    const rows: Record<string, Row> = {}
    for (const line of text.split('\n').filter((each) => each.startsWith('│'))) {
      const [name = '', active, healthy, leader, sequencing, voting, number = '', hash = ''] = line
        .split('│')
        .slice(1)
        .map((cell) => cell.trim())
      const yes = (cell: string | undefined) => cell === '✅'
      rows[name] = {
        active: yes(active),
        healthy: yes(healthy),
        leader: yes(leader),
        sequencing: yes(sequencing),
        voting: yes(voting),
        number: Number(number),
        hash,
      }
    }
    return { rows, warnings: text.split('\n').filter((line) => /WARNING|ERROR|exception/.test(line)) }
  }
}

/** What `status` prints of a sequencer. */
export type Row = {
  readonly active: boolean
  readonly healthy: boolean
  readonly leader: boolean
  readonly sequencing: boolean
  readonly voting: boolean
  readonly number: number
  readonly hash: string
}
