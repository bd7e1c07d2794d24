import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A datum as CloudWatch got it, with its dimensions in order. */
export type Written = Readonly<Record<string, string>>

/** What takes PutMetricData as CloudWatch's Query API does. */
export type FakeCloudWatch = {
  readonly endpoint: string
  /** The data of each call that was taken. */
  readonly calls: readonly (readonly Written[])[]
  /** The region and service that each call was signed for. */
  readonly scopes: readonly string[]
  /** Refuses calls while set: the status and code it answers with. */
  refusing: { readonly status: number; readonly code: string } | undefined
  close(): void
}

export async function startCloudWatch(): Promise<FakeCloudWatch> {
  const calls: Written[][] = []
  const scopes: string[] = []
  const server = createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request))
    const [, scope = ''] = /Credential=[^/]+\/\d+\/([^,]+)/.exec(request.headers.authorization ?? '') ?? []
    scopes.push(scope)
    const { refusing } = fake
    if (refusing) {
      const { status, code } = refusing
      response
        .writeHead(status)
        .end(`<ErrorResponse><Error><Code>${code}</Code><Message>no right</Message></Error></ErrorResponse>`)
      return
    }
    if (form.get('Action') !== 'PutMetricData' || form.get('Namespace') !== 'Baton') {
      response.writeHead(400).end()
      return
    }
    calls.push(dataOf(form))
    response.writeHead(200).end('<PutMetricDataResponse/>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const fake: FakeCloudWatch = {
    endpoint: `http://127.0.0.1:${port}`,
    calls,
    scopes,
    refusing: undefined,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
  return fake
}

function dataOf(form: URLSearchParams): Written[] {
  const data: Record<string, string>[] = []
  for (const [name, value] of form) {
    const [, index = '', field = ''] = /^MetricData\.member\.(\d+)\.(.+)$/.exec(name) ?? []
    if (field === '') continue
    const datum = data[Number(index) - 1] ?? {}
    datum[field] = value
    data[Number(index) - 1] = datum
  }
  return data
}
