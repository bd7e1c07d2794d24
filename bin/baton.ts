#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Loading the code is most of the time a short command takes. The cache is code: it must be in a folder of this user.
if (process.env.NODE_COMPILE_CACHE === undefined) {
  enableCompileCache?.(join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'baton', 'code'))
}
const { run } = await import('./cli.ts')

process.exitCode = await run(process.argv.slice(2))
