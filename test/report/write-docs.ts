import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { referenceDocuments } from './reference.ts'

for (const [path, text] of Object.entries(await referenceDocuments())) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  console.log(path)
}
