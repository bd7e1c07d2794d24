#!/usr/bin/env node
// An old Node can read this file, what it imports here, and none of the others.
import { existsSync } from 'node:fs'
import { isNewEnough, refuseNode } from './node-version.mjs'

if (isNewEnough) {
  // In a clone the sources, in the package what was made of them.
  const sources = new URL('./baton.ts', import.meta.url)
  await import(existsSync(sources) ? sources.href : new URL('../dist/bin/baton.js', import.meta.url).href)
} else refuseNode('baton', ': https://nodejs.org')
