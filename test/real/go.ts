import { spawn } from 'node:child_process'

/**
 * Runs Go in the module beside this file.
 *
 * @returns what it wrote to its standard output.
 */
export function go(args: readonly string[], say: (line: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', args, {
      cwd: import.meta.dirname,
      env: { ...process.env, CGO_ENABLED: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
    child.stderr.on('data', (chunk: Buffer) => say(`    ${chunk.toString().trimEnd()}`))
    child.once('error', (cause: NodeJS.ErrnoException) => {
      const missing = cause.code === 'ENOENT'
      reject(
        missing
          ? new Error(
              'Go is not installed: the real-node tests build op-node and geth from source. Install Go 1.26 or newer (https://go.dev/dl), then run them again.',
              { cause },
            )
          : cause,
      )
    })
    child.once('close', (code) =>
      code === 0
        ? resolve(output)
        : reject(new Error(`go ${args.join(' ')} failed with exit code ${code} in ${import.meta.dirname}`)),
    )
  })
}
