import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as v from 'valibot'
import type { Emulator } from './ministack.ts'

const request = v.object({
  Name: v.optional(v.string(), ''),
  Names: v.optional(v.array(v.string()), []),
  Value: v.optional(v.string(), ''),
})

/** The few calls of S3 and SSM the functions make, from memory: for machines where no emulator runs. */
export async function startFakes(): Promise<Emulator> {
  const objects = new Map<string, Buffer>()
  const parameters = new Map<string, string[]>()
  const ssm = (action: string, body: Buffer) => {
    const { Name, Names, Value } = v.parse(request, JSON.parse(body.toString()))
    if (action === 'PutParameter') parameters.set(Name, [...(parameters.get(Name) ?? []), Value])
    if (action === 'DeleteParameter') parameters.delete(Name)
    const Parameters = Names.flatMap((asked) => {
      const [name = '', version] = asked.split(':')
      const versions = parameters.get(name) ?? []
      const at = version === undefined ? versions.length : Number(version)
      const found = versions[at - 1]
      return found === undefined
        ? []
        : [{ Name: name, Value: found, Version: at, ...(version && { Selector: `:${version}` }) }]
    })
    return { Parameters, InvalidParameters: [] }
  }
  const server = createServer(async (incoming, response) => {
    const body = await read(incoming)
    const target = String(incoming.headers['x-amz-target'] ?? '')
    const key = incoming.url ?? ''
    if (target) return response.end(JSON.stringify(ssm(target.split('.')[1] ?? '', body)))
    if (incoming.method === 'PUT') {
      objects.set(key, body)
      return response.end()
    }
    const url = new URL(key, 'http://s3')
    if (url.searchParams.get('list-type') === '2') return response.end(list(objects, url))
    const object = objects.get(key)
    if (object) return response.end(object)
    response.writeHead(404).end('<Error><Code>NoSuchKey</Code><Message>there is none</Message></Error>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    name: 'fakes of S3 and SSM',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** ListObjectsV2 of a bucket, as far as the functions read it: the keys below a prefix, in order. */
function list(objects: ReadonlyMap<string, Buffer>, { pathname, searchParams }: URL): string {
  const bucket = `/${pathname.split('/')[1]}/`
  const below = bucket + (searchParams.get('prefix') ?? '')
  const found = [...objects.keys()].filter((key) => key !== bucket && key.startsWith(below)).toSorted()
  const contents = found.map((key) => `<Contents><Key>${key.slice(bucket.length)}</Key></Contents>`)
  return `<ListBucketResult><KeyCount>${found.length}</KeyCount>${contents.join('')}</ListBucketResult>`
}

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks)
}
