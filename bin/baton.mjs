#!/usr/bin/env node
// An old Node can read this file and none of the others.
import { existsSync } from 'node:fs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 22 || (major === 22 && minor >= 18)) {
  // In a clone the sources, in the package what was made of them.
  const sources = new URL('./baton.ts', import.meta.url)
  await import(existsSync(sources) ? sources.href : new URL('../dist/bin/baton.js', import.meta.url).href)
} else {
  process.stderr.write(
    `baton cannot run on Node ${process.versions.node}.\nInstall Node 22.18 or newer, such as Node 24: https://nodejs.org.\n`,
  )
  process.exitCode = 1
}
