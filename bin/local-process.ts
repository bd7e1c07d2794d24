import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ChainConfig } from '../lib/config/chain-config.ts'
import { toJson } from '../lib/tell/to-json.ts'

/** What a running `baton start` tells the other commands: where it listens, and its whole configuration. */
export type LocalProcess = {
  readonly pid: number
  readonly page: { readonly url: string; readonly token: string }
  /** With the store it opened, so that others open the same one; without the nodes' secrets. */
  readonly config: ChainConfig
}

/** Where a process started in `folder` leaves its endpoints. */
export function localProcessPath(folder: string): string {
  return resolve(folder, '.baton', 'local.json')
}

/** Writes the endpoints for other commands of the same user; returns how to take them back. */
export function publishLocalProcess(folder: string, local: LocalProcess): () => void {
  const path = localProcessPath(folder)
  mkdirSync(dirname(path), { recursive: true })
  const nodes = local.config.nodes.map((node) => ({ ...node, secrets: [] }))
  writeFileSync(path, toJson({ ...local, config: { ...local.config, nodes } }, 2), { mode: 0o600 })
  return () => {
    if (findLocalProcess(folder)?.pid === local.pid) rmSync(path, { force: true })
  }
}

/** The process that runs in `folder`; `undefined` when none does. */
export function findLocalProcess(folder: string): LocalProcess | undefined {
  const local = read(localProcessPath(folder))
  return local && isAlive(local.pid) ? local : undefined
}

function read(path: string): LocalProcess | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
  const local = JSON.parse(text) as LocalProcess
  const { policy } = local.config
  const lags = { maxLag: BigInt(policy.maxLag), maxSwitchoverLag: BigInt(policy.maxSwitchoverLag) }
  return { ...local, config: { ...local.config, policy: { ...policy, ...lags } } }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
