import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { MODULE } from '../go-module.ts'

const run = promisify(execFile)
const REPOSITORY = 'https://github.com/ethereum-optimism/infra'
const COMMIT = 'c367a36002ed4905eb48e6ae30f9f5731d84865d'
const CLONE = join(MODULE, '..', '..', '.cache', 'infra')

/**
 * Finds ethereum-optimism/infra: the checkout that `INFRA` names, else a clone.
 *
 * @returns its folder; `undefined` = no `INFRA`, and GitHub does not answer.
 */
export async function findInfra({ INFRA: named } = process.env): Promise<string | undefined> {
  if (named) return resolve(named)
  if (existsSync(CLONE)) return CLONE
  const fresh = `${CLONE}.${process.pid}`
  const git = (...args: string[]) => run('git', ['-C', fresh, ...args], { timeout: 60_000 })
  await mkdir(fresh, { recursive: true })
  try {
    await git('init', '--quiet')
    await git('fetch', '--quiet', '--depth', '1', REPOSITORY, COMMIT)
    await git('checkout', '--quiet', 'FETCH_HEAD')
    await rename(fresh, CLONE)
    return CLONE
  } catch (error) {
    console.warn(`no op-conductor-ops, no op-conductor-mon: ${error}; INFRA=/path/to/infra names a checkout`)
    await rm(fresh, { recursive: true, force: true })
    return undefined
  }
}
