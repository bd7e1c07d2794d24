import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { synthesize } from './app.ts'
import { configurations } from './configurations.ts'

// Writes the template of each configuration into the folder that is its argument, for validators that read files. CDK
// checks each itself, too, and throws at what AWS would refuse.

const folder = process.argv[2] ?? ''
if (folder === '') throw new Error('name a folder')
mkdirSync(folder, { recursive: true })
for (const [name, config] of Object.entries(configurations)) {
  const template = synthesize(config(), { validated: true })
  writeFileSync(join(folder, `${name}.template.json`), JSON.stringify(template.toJSON(), null, 1))
}
