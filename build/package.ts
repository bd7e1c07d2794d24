import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { bundling } from '../lib/cdk/bundling.ts'
import { notices } from './notices.ts'
import { inlineTexts, requireByFullName } from './plugins.ts'

/**
 * Makes `dist`, all that the npm package runs: the command, what it exports with its declarations, and the functions as
 * they are deployed. `--no-types` leaves the declarations out: an image needs none.
 *
 * Files of `dist` are two folders deep, as those of `lib` are, so that both find the package's root at `../..`.
 */
const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const { dependencies, optionalDependencies, peerDependencies, engines } = readJson('package.json')

rmSync(dist, { recursive: true, force: true })
const metafiles = [...(await bundleFunctions()), await bundleCommandAndExports(), await bundleDynalite()]
writeFileSync(join(dist, 'THIRD-PARTY-NOTICES.txt'), notices(root, metafiles))
if (!process.argv.includes('--no-types')) declareTypes()

/** One file a function, exactly as the stack of a clone bundles it. */
async function bundleFunctions(): Promise<Metafile[]> {
  const { mainFields, banner, sourceMap: sourcemap, ...options } = bundling
  const made: Metafile[] = []
  for (const file of readdirSync(join(root, 'lambdas'))) {
    const { metafile } = await build({
      ...options,
      sourcemap,
      alias: { ...options.alias },
      absWorkingDir: root,
      entryPoints: [join('lambdas', file)],
      outfile: join(dist, 'lambdas', basename(file, '.ts'), 'index.mjs'),
      bundle: true,
      platform: 'node',
      mainFields: [...mainFields],
      banner: { js: banner },
      metafile: true,
      logLevel: 'warning',
    })
    made.push(metafile)
  }
  return made
}

/** Readable, for stack traces; what several entries share is in `chunks`, and is loaded on use. */
async function bundleCommandAndExports(): Promise<Metafile> {
  const installed = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join('bin', 'baton.ts'), ...readdirSync(join(root, 'exports')).map((file) => join('exports', file))],
    outdir: dist,
    outbase: root,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: `node${engines?.node?.replace('>=', '')}`,
    mainFields: [...bundling.mainFields],
    external: installed.flatMap((name) => [name, `${name}/*`]),
    // For dependencies that are CommonJS; by another name than the sources use.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    plugins: [inlineTexts],
    metafile: true,
    logLevel: 'warning',
  })
  return metafile
}

/** The database for platforms without another, and the compiled LevelDB it loads from the folder beside it. */
async function bundleDynalite(): Promise<Metafile> {
  const { resolve } = createRequire(createRequire(join(root, 'package.json')).resolve('dynalite'))
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [resolve('dynalite')],
    outfile: join(dist, 'dynalite/index.cjs'),
    bundle: true,
    platform: 'node',
    plugins: [requireByFullName],
    metafile: true,
    logLevel: 'warning',
  })
  const level = dirname(createRequire(resolve('level')).resolve('classic-level/package.json'))
  for (const platform of ['darwin-x64+arm64', 'linux-arm64', 'linux-x64']) {
    cpSync(join(level, 'prebuilds', platform), join(dist, 'dynalite/prebuilds', platform), { recursive: true })
  }
  return metafile
}

/** The compiler is one of the tools of the tests. */
function findCompiler(): string {
  try {
    return createRequire(join(root, 'test/package.json')).resolve('typescript/package.json')
  } catch (cause) {
    throw new Error('the TypeScript compiler is not installed: run "npm ci --prefix test" first', { cause })
  }
}

/** Declarations of what `exports` exports, beside the files they describe. */
function declareTypes(): void {
  const compiler = findCompiler()
  const { status } = spawnSync(
    process.execPath,
    [
      join(dirname(compiler), 'bin/tsc'),
      '-p',
      join(import.meta.dirname, 'types.json'),
      '--outDir',
      join(dist, 'types'),
    ],
    { stdio: 'inherit' },
  )
  if (status !== 0) throw new Error(`${relative(root, compiler)} found errors`)
}

type PackageJson = Readonly<Record<string, Readonly<Record<string, string>>>>

function readJson(file: string): PackageJson {
  return JSON.parse(readFileSync(join(root, file), 'utf8')) as PackageJson
}
