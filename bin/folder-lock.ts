import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { BatonError } from '../lib/errors.ts'
import { findLocalProcess, localProcessPath, makePrivateFolder, startOfProcess } from './local-process.ts'

/** Another process runs, or starts, in this folder. */
export class AlreadyRunsError extends BatonError {
  override readonly name = 'AlreadyRunsError'
  override readonly code = 'already-runs'
}

const held = v.object({ id: v.string(), pid: v.number(), started: v.optional(v.string()) })
type Held = v.InferOutput<typeof held>

const TRIES = 50
const PAUSE_MS = 40
/** Clearing a lock takes microseconds; an older clearing mark was left behind. */
const CLEARING_MS = 5_000

/**
 * Locks `folder` for this process; returns how to unlock it. A second start would delete the first one's database. The
 * lock names a process by id and start time, so the lock of a process that died holds nothing.
 *
 * @throws AlreadyRunsError, and errors of the file system.
 */
export async function lockFolder(folder: string): Promise<() => void> {
  makePrivateFolder(folder)
  const path = join(dirname(localProcessPath(folder)), 'start.lock')
  const own: Held = { id: randomUUID(), pid: process.pid, started: startOfProcess(process.pid) }
  const draft = `${path}.${own.id}`
  // Written first and linked then, so that the lock appears complete or not at all.
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 })
  try {
    // Its lock may have been deleted by hand.
    const running = findLocalProcess(folder)
    if (running) throw alreadyRuns(folder, running.pid)
    for (let tried = 0; tried < TRIES; tried++) {
      if (link(draft, path)) return () => release(path, own.id)
      const leader = read(path)
      if (leader && isAlive(leader)) throw alreadyRuns(folder, leader.pid)
      if (!clear(path, leader)) await sleep(PAUSE_MS)
    }
  } finally {
    rmSync(draft, { force: true })
  }
  throw new AlreadyRunsError({
    message: `${path} could not be taken: another process keeps taking and releasing it`,
    remedy: 'Run one Baton in each folder.',
  })
}

function link(draft: string, path: string): boolean {
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes the lock of a dead process. Of two that try, only one may: the other could remove a new lock. */
function clear(path: string, leader: Held | undefined): boolean {
  const mark = `${path}.clearing-${leader?.id ?? 'unreadable'}`
  try {
    mkdirSync(mark)
  } catch {
    if (ageOf(mark) > CLEARING_MS) rmSync(mark, { recursive: true, force: true })
    return false
  }
  try {
    if (read(path)?.id === leader?.id) rmSync(path, { recursive: true, force: true })
  } finally {
    rmSync(mark, { recursive: true, force: true })
  }
  return true
}

function ageOf(path: string): number {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
}

function isAlive({ pid, started }: Held): boolean {
  return started !== undefined && startOfProcess(pid) === started
}

function release(path: string, id: string) {
  if (read(path)?.id === id) rmSync(path, { force: true })
}

function read(path: string): Held | undefined {
  try {
    return v.parse(held, JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}

function alreadyRuns(folder: string, pid: number): AlreadyRunsError {
  const local = findLocalProcess(folder)
  const where = local?.pid === pid ? `, ${new URL(local.page.url).origin}/` : ''
  return new AlreadyRunsError({
    message: `Baton already runs in this folder (pid ${pid}${where})`,
    remedy: 'End it, or use another folder.',
  })
}
