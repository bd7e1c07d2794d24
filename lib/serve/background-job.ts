import type { Log } from '../log.ts'
import type { Observer, Report } from '../operations/engine/procedure.ts'
import { RefusedActError } from '../operator/errors.ts'
import { formatError } from '../page/perform.ts'
import type { Run } from '../page/procedures.ts'

/** Lines kept of a run; the log has each line too. */
const MOST_LINES = 200
/** Each procedure has its own bounds; one that still runs after this is stopped. */
const MOST_MS = 4 * 3_600_000
/** How long a closing process waits for a run to reach a safe point. */
const CLOSE_MS = 15_000

type Running = { -readonly [field in keyof Run]: Run[field] }

/** Runs an operator's procedures in the background of this process, one at a time. */
export type Runner = {
  /**
   * Begins a procedure; resolves with a sentence when it ends, or after `waitMs` while it continues.
   *
   * @throws RefusedActError while another one runs, and any error of the procedure within `waitMs`.
   */
  start(
    asked: { readonly title: string; readonly by: string; readonly waitMs: number },
    procedure: (watching: Observer) => Promise<Report>,
  ): Promise<string>
  /** @throws RefusedActError when none runs. */
  stop(by: string): Promise<string>
  dismiss(): Promise<string>
  current(): Run | undefined
  /** Stops the running one, and waits for it within a bound. */
  close(): Promise<void>
}

/** A runner; it calls `changed` whenever there is something new to show. */
export function backgroundJobs(log: Log, changed: () => void, now: () => number = Date.now): Runner {
  let current: Running | undefined
  let running: { readonly abort: AbortController; readonly done: Promise<void> } | undefined

  return {
    async start({ title, by, waitMs }, procedure) {
      if (running)
        throw new RefusedActError(
          `${current?.title} is running, and only one procedure runs at a time`,
          'wait until it ends, or stop it',
        )
      const run: Running = { title, by, startedAt: now(), steps: [], lines: [], stopping: false }
      const abort = new AbortController()
      current = run
      log.info(`begun: ${title}`, { by })
      const ended = carryOut(run, abort, procedure)
      const done = ended.then(
        () => {},
        () => {},
      )
      running = { abort, done }
      changed()
      return await Promise.race([ended, goesOn(title, waitMs)])
    },
    async stop(by) {
      if (!running || !current) throw new RefusedActError('nothing runs', 'nothing to stop')
      current.stopping = true
      running.abort.abort()
      log.info(`asked to stop: ${current.title}`, { by })
      changed()
      return `${current.title} stops after its current step`
    },
    async dismiss() {
      if (running) throw new RefusedActError(`${current?.title} runs`, 'stop it first')
      current = undefined
      changed()
      return 'dismissed'
    },
    current: () => current,
    async close() {
      running?.abort.abort()
      if (running) await Promise.race([running.done, delay(CLOSE_MS)])
    },
  }

  async function carryOut(run: Running, abort: AbortController, procedure: (watching: Observer) => Promise<Report>) {
    const limit = setTimeout(() => abort.abort(), MOST_MS).unref()
    const { title } = run
    const watching: Observer = {
      by: run.by,
      signal: abort.signal,
      say(line) {
        run.lines = [...run.lines, ...line.split('\n')].slice(-MOST_LINES)
        delete run.progress
        log.info(line, { procedure: title })
        changed()
      },
      // Up to hundreds a second: the page refreshes once a second anyway.
      progress(line) {
        run.progress = line
      },
      steps(steps) {
        run.steps = steps
        changed()
      },
    }
    try {
      const { text: words, blocked: held } = await procedure(watching)
      run.ended = { at: now(), how: held ? 'stopped' : 'done', words }
      log.info(`ended: ${title}`, { words })
      return words
    } catch (error) {
      run.ended = { at: now(), how: howOf(error, abort.signal), words: formatError(error) }
      log.error(`ended: ${title}`, { error })
      throw error
    } finally {
      clearTimeout(limit)
      running = undefined
      changed()
    }
  }
}

function howOf(error: unknown, { aborted }: AbortSignal): 'stopped' | 'refused' | 'failed' {
  if (aborted) return 'stopped'
  return error instanceof RefusedActError ? 'refused' : 'failed'
}

async function goesOn(title: string, waitMs: number): Promise<string> {
  await delay(waitMs)
  return `${title} continues: the page shows its progress`
}

const delay = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms).unref())
