import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { adopt, release } from './orphans.ts'
import { type Patience, until } from './wait.ts'

/** A program that can be started, killed, frozen and started again; all its output is in one log. */
export class Supervised {
  readonly name: string
  readonly log: string
  #child: ChildProcess | undefined
  #ended: Promise<void> = Promise.resolve()
  #frozen = false

  constructor(name: string, logFolder: string) {
    this.name = name
    this.log = join(logFolder, `${name}.log`)
  }

  /** True from the start until the process has ended; a frozen process runs. */
  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  get frozen(): boolean {
    return this.#frozen
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** How the process ended: exit code or signal; undefined if it runs or never ran. */
  get exited(): number | NodeJS.Signals | undefined {
    if (this.running) return undefined
    return this.#child?.signalCode ?? this.#child?.exitCode ?? undefined
  }

  /** Starts the program; does not wait until it serves, see `ready`. */
  launch(path: string, args: readonly string[]): void {
    if (this.running) throw new Error(`${this.name} is running already (pid ${this.pid})`)
    appendFileSync(this.log, `\n--- ${new Date().toISOString()} ${path} ${args.join(' ')}\n`)
    const log = openSync(this.log, 'a')
    const child = spawn(path, args, { stdio: ['ignore', log, log] })
    closeSync(log)
    this.#child = child
    this.#frozen = false
    const { pid } = child
    if (pid !== undefined) adopt(pid)
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => {
        appendFileSync(this.log, `--- ${error.message}\n`)
        resolve()
      })
      child.once('exit', (code, signal) => {
        if (pid !== undefined) release(pid)
        appendFileSync(this.log, `--- ${new Date().toISOString()} ended: ${signal ?? code}\n`)
        resolve()
      })
    })
  }

  /** Waits for the attempt to succeed; fails at once, with the end of the log, if the process ends. */
  async ready<T>(what: string, attempt: () => Promise<T | undefined | false>, patience: Patience = {}): Promise<T> {
    const check = () => {
      if (!this.running) throw new Error(`${this.name} ended (${this.exited}): ${this.tail()}\nsee ${this.log}`)
    }
    return await until(`${this.name}: ${what}`, attempt, { hint: this.log, check, ...patience })
  }

  /** SIGKILL, as a crash; returns once the process is gone. */
  async kill(): Promise<void> {
    if (this.running) this.#child?.kill('SIGKILL')
    await this.#ended
  }

  /** Asks the process to end; kills it if it has not after `graceMs`. */
  async stop(graceMs = 5_000): Promise<void> {
    if (!this.running) return
    this.#child?.kill('SIGTERM')
    this.thaw()
    const impatient = setTimeout(() => this.#child?.kill('SIGKILL'), graceMs)
    await this.#ended
    clearTimeout(impatient)
  }

  /** SIGSTOP: the process answers nothing any more, but its connections stay open. */
  freeze(): void {
    if (!this.running) throw new Error(`${this.name} is not running, so it cannot be frozen`)
    this.#child?.kill('SIGSTOP')
    this.#frozen = true
  }

  /** SIGCONT: the process goes on as if no time had passed. */
  thaw(): void {
    this.#child?.kill('SIGCONT')
    this.#frozen = false
  }

  /** The last lines of the log. */
  tail(lines = 15): string {
    return `\n${readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')}`
  }
}
