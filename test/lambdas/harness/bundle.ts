import { readdirSync } from 'node:fs'
import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { build } from 'esbuild'
import { bundling } from '../../../lib/cdk/bundling.ts'

const root = resolve(import.meta.dirname, '../../..')

/** The functions there are: one file each. */
export const functions = readdirSync(join(root, 'lambdas')).map((file) => basename(file, '.ts'))

/** A bundled function. */
export type Bundle = { readonly path: string; readonly bytes: number }

/**
 * Bundles `lambdas/<name>.ts` as NodejsFunction does: everything inside, one ESM file. With
 * BATON_BUNDLES set, takes the bundle from there instead: the artefact of a synthesis.
 */
export async function bundle(name: string): Promise<Bundle> {
  const made = process.env.BATON_BUNDLES
  const path = made ? join(made, name, 'index.mjs') : join(root, '.cache/lambdas', name, 'index.mjs')
  if (!made) await make(name, path)
  return { path, bytes: (await stat(path)).size }
}

async function make(name: string, outfile: string) {
  const { format, target, mainFields, minify, banner, alias } = bundling
  const { outputFiles } = await build({
    entryPoints: [join(root, 'lambdas', `${name}.ts`)],
    outfile,
    write: false,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format,
    target,
    mainFields: [...mainFields],
    minify,
    banner: { js: banner },
    alias: { ...alias },
    logLevel: 'error',
  })
  // Several test files make and start the same bundle at once.
  const temporary = `${outfile}.${process.pid}`
  await mkdir(dirname(outfile), { recursive: true })
  await writeFile(temporary, outputFiles[0]?.contents ?? '')
  await rename(temporary, outfile)
}
