import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { synthesize } from './app.ts'
import { configurations } from './configurations.ts'

// Writes the template of each configuration into the folder that is its argument, for validators that read files.

const folder = process.argv[2] ?? ''
if (folder === '') throw new Error('name a folder')
mkdirSync(folder, { recursive: true })
for (const [name, config] of Object.entries(configurations)) {
  writeFileSync(join(folder, `${name}.template.json`), JSON.stringify(synthesize(config()).toJSON(), null, 1))
}
