import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findLocalProcess, type LocalProcess } from '../../bin/local-process.ts'

const executablePath = process.env.BATON_BROWSER ?? '/usr/bin/chromium'
const entry = fileURLToPath(new URL('../../bin/baton.ts', import.meta.url))

/** Whether there is a browser to try the page in. */
export const installed = existsSync(executablePath)
if (!installed) console.warn(`no browser at ${executablePath}: the page is not tried in one (set BATON_BROWSER)`)

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A browser without a window. */
export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath, args: flags })

/** `baton start` beside a simulated chain, and its page in a browser. */
export type Visit = {
  readonly page: Page
  readonly local: LocalProcess
  /** The process that serves the page. */
  readonly process: ChildProcess
  readonly folder: string
  close(): Promise<void>
}

/** Starts Baton in a folder of its own and opens its page. */
export async function visit(...words: readonly string[]): Promise<Visit> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-page-'))
  let said = ''
  const child = spawn(process.execPath, [entry, 'start', '--port', '0', '--no-open', ...words], {
    cwd: folder,
    env: { ...process.env, BATON_OPERATOR: 'grace' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const until = Date.now() + 25_000
  let local = findLocalProcess(folder)
  while (!local) {
    if (Date.now() > until || child.exitCode !== null) throw new Error(`baton start did not come up:\n${said}`)
    await sleep(50)
    local = findLocalProcess(folder)
  }
  const browser = await openBrowser()
  const page = await browser.newPage({ viewport: { width: 1400, height: 1100 } })
  await page.goto(local.page.url)
  return {
    page,
    local,
    process: child,
    folder,
    async close() {
      await browser.close()
      if (child.exitCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
