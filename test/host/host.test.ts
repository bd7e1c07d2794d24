import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signedFetch } from '../../lib/aws/signed-fetch.ts'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { type HostConfig, openHost } from '../../lib/host/open-host.ts'
import { shellHost } from '../../lib/host/shell.ts'
import { ssmHost } from '../../lib/host/ssm.ts'
import { stacks } from '../../lib/host/stacks.ts'
import { commandDocument, rules, type Stack } from '../../lib/host/step.ts'

const stack = {
  show: {
    what: 'shows',
    lines: [['printf', '%s', 'to-{block}']],
    parameters: { block: rules.block },
    timeoutMs: 5_000,
  },
  fail: {
    what: 'fails',
    lines: [
      ['sh', '-c', 'echo bad >&2; exit 3'],
      ['echo', 'never'],
    ],
    timeoutMs: 5_000,
  },
  sleep: { what: 'sleeps', lines: [['sleep', '60']], timeoutMs: 100 },
  environment: { what: 'shows', lines: [['env']], timeoutMs: 5_000 },
  missing: { what: 'is not there', lines: [['no-such-program-here']], timeoutMs: 5_000 },
} as const satisfies Stack

const STAMP = '20261129T120000Z'

describe('a host behind a shell', () => {
  const host = shellHost({ name: 'test', stack })

  test('runs a prepared line, its parameter one word', async () => {
    expect(await host.run('show', { block: '12' })).toMatchObject({ exitCode: 0, stdout: 'to-12', stderr: '' })
  })

  test('a step that fails ends there, and says how', async () => {
    expect(await host.run('fail')).toMatchObject({ exitCode: 3, stdout: '', stderr: 'bad\n' })
  })

  test('a step ends with its time', async () => {
    const { exitCode, ms } = await host.run('sleep')
    expect(exitCode).toBeUndefined()
    expect(ms).toBeLessThan(5_000)
  })

  test.each([
    ['no-step', {}, 'HostStepUnknown'],
    ['toString', {}, 'HostStepUnknown'],
    ['show', {}, 'HostParameterRefused'],
    ['show', { block: '1; reboot' }, 'HostParameterRefused'],
    ['show', { block: '1\n' }, 'HostParameterRefused'],
    ['show', { block: '-1' }, 'HostParameterRefused'],
    ['show', { block: '1', other: 'x' }, 'HostParameterRefused'],
    ['missing', {}, 'HostUnreachable'],
  ])('%s %j is refused: %s', async (step, parameters, name) => {
    await expect(host.run(step, parameters)).rejects.toMatchObject({ name })
  })

  test('a step sees nothing of what Baton was given', async () => {
    process.env.A_SECRET_OF_BATON = 'x'
    const { stdout } = await host.run('environment')
    expect(stdout).toContain('PATH=')
    expect(stdout).not.toContain('A_SECRET_OF_BATON')
  })

  test('a machine may have its own command line for a step', async () => {
    const own = shellHost({ name: 'test', stack, commands: { show: ['echo', 'own {block}'] } })
    expect(await own.run('show', { block: '7' })).toMatchObject({ stdout: 'own 7\n' })
    await expect(own.run('show', { block: 'x' })).rejects.toMatchObject({ name: 'HostParameterRefused' })
  })
})

describe('a host behind Systems Manager', () => {
  type Call = { target: string; body: { [field: string]: unknown } }
  const calls: Call[] = []
  let answers: [status: number, body: object][] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    calls.push({
      target: String(request.headers['x-amz-target']),
      body: JSON.parse(Buffer.concat(chunks).toString()) as Call['body'],
    })
    const [status, body] = answers.shift() ?? [200, { Status: 'InProgress' }]
    response.writeHead(status).end(JSON.stringify(body))
  })
  let host: ReturnType<typeof ssmHost>
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const variables = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'y',
    }
    const send = signedFetch({ service: 'ssm', region: 'eu-west-1', timeoutMs: 2_000 }, variables)
    const instance = 'i-0123456789abcdef0'
    host = ssmHost({ stackName: 'op-reth', stack: stacks['op-reth'], instance, documents: 'Baton-x', send, pollMs: 5 })
  })
  afterAll(() => void server.close())

  test('sends our own document with its parameters, and waits for the end', async () => {
    calls.length = 0
    answers = [
      [200, { Command: { CommandId: 'c-1' } }],
      [400, { __type: 'InvocationDoesNotExist', message: '' }],
      [200, { Status: 'InProgress', ResponseCode: -1 }],
      [200, { Status: 'Failed', ResponseCode: 7, StandardOutputContent: 'out', StandardErrorContent: 'err' }],
    ]
    const result = await host.run('restore-execution', { stamp: STAMP })
    expect(result).toMatchObject({ exitCode: 7, stdout: 'out', stderr: 'err' })
    expect(calls[0]).toEqual({
      target: 'AmazonSSM.SendCommand',
      body: {
        DocumentVersion: '$LATEST',
        DocumentName: 'Baton-x-op-reth-restore-execution',
        InstanceIds: ['i-0123456789abcdef0'],
        TimeoutSeconds: 30,
        Parameters: { stamp: [STAMP] },
        Comment: 'Baton: restore-execution',
      },
    })
    expect(calls.at(-1)?.body).toEqual({ CommandId: 'c-1', InstanceId: 'i-0123456789abcdef0' })
  })

  test('a step that was begun can be asked for later, by its id alone', async () => {
    calls.length = 0
    answers = [[200, { Command: { CommandId: 'c-2' } }]]
    expect(await host.begin?.('restore-execution', { stamp: STAMP })).toBe('c-2')
    expect(calls).toHaveLength(1)
    answers = [
      [200, { Status: 'InProgress', ResponseCode: -1 }],
      [200, { Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut', ResponseCode: -1 }],
      [200, { Status: 'Success', ResponseCode: 0, StandardOutputContent: 'out' }],
      [200, { Status: 'Failed', StatusDetails: 'Undeliverable', ResponseCode: -1 }],
    ]
    const ask = () => host.ask?.('restore-execution', 'c-2')
    expect(await ask()).toBeUndefined()
    expect(await ask()).toMatchObject({ exitCode: undefined })
    expect(await ask()).toMatchObject({ exitCode: 0, stdout: 'out' })
    await expect(ask()).rejects.toMatchObject({ name: 'HostUnreachable', ran: 'nothing' })
    await expect(host.begin?.('restore-execution', { stamp: '-1' })).rejects.toMatchObject({
      name: 'HostParameterRefused',
    })
  })

  test.each([
    [[[400, { __type: 'InvalidInstanceId', message: 'not managed' }]], 'InvalidInstanceId: not managed', 'nothing'],
    [[[500, { __type: 'InternalServerError', message: 'later' }]], 'InternalServerError: later', 'unknown'],
    [
      [
        [200, { Command: { CommandId: 'c' } }],
        [200, { Status: 'TimedOut', StatusDetails: 'Delivery Timed Out', ResponseCode: -1 }],
      ],
      'Delivery Timed Out',
      'nothing',
    ],
  ] as const)('a machine that is not there is named as such', async (given, message, ran) => {
    answers = given.map(([status, body]) => [status, body])
    await expect(host.run('restart-execution')).rejects.toMatchObject({
      name: 'HostUnreachable',
      ran,
      message: expect.stringContaining(message),
    })
  })

  test('nothing is sent for a step or a parameter that is refused', async () => {
    calls.length = 0
    await expect(host.run('rm')).rejects.toMatchObject({ name: 'HostStepUnknown' })
    await expect(host.run('restore-execution', { stamp: '$(id)' })).rejects.toMatchObject({
      name: 'HostParameterRefused',
    })
    expect(calls).toEqual([])
  })
})

describe('the documents of a stack', () => {
  test('hold the command lines, with patterns that keep a parameter one word', () => {
    expect(commandDocument(stacks['op-reth']['restore-execution'])).toMatchObject({
      schemaVersion: '2.2',
      parameters: { stamp: { type: 'String', allowedPattern: rules.stamp.pattern } },
      mainSteps: [
        {
          action: 'aws:runShellScript',
          inputs: { runCommand: ['set -eu', expect.stringContaining("baton-restore' '{{ stamp }}'")] },
        },
      ],
    })
  })

  test('no pattern of any stack lets a quote, a space or an option through', () => {
    for (const { parameters = {} } of Object.values(stacks).flatMap((each) => Object.values<Stack[string]>(each))) {
      for (const { pattern } of Object.values(parameters)) {
        for (const bad of ["'", '"', '$', '`', ' ', ';', '\n', '{', '}', '-x', '', '../x'])
          expect(new RegExp(pattern).test(bad), `${pattern} and ${bad}`).toBe(false)
      }
    }
  })
})

test('a snapshot is restored only where the machine has a program for it; op-reth is not refilled from genesis', () => {
  const offers = (host: HostConfig) => {
    const opened = openHost(host)
    return ['restart-execution', 'restore-execution', 'empty-execution'].filter((step) => opened.offers?.(step))
  }
  const commands = { 'restore-execution': ['/opt/rollback', '{stamp}'] } as const
  expect(offers({ kind: 'shell', stack: 'op-reth' })).toEqual(['restart-execution'])
  expect(offers({ kind: 'shell', stack: 'op-reth', restore: true })).toEqual(['restart-execution', 'restore-execution'])
  expect(offers({ kind: 'shell', stack: 'op-reth', commands })).toContain('restore-execution')
  expect(offers({ kind: 'ssm', stack: 'op-reth', instance: 'i-1', documents: 'B', restore: true })).toContain(
    'restore-execution',
  )
  expect(offers({ kind: 'shell', stack: 'op-geth' })).toEqual(['restart-execution', 'empty-execution'])
})

describe('the configuration of a host', () => {
  const config = (host: object) =>
    JSON.stringify({
      chain: { id: 901, name: 'x', blockTime: 2 },
      nodes: [{ name: 'a', zone: 'z', consensus: 'http://a', execution: 'http://a', secrets: ['12345678'], host }],
    })

  test('is kept as it is written', () => {
    const host = { kind: 'shell', stack: 'op-geth', commands: { 'restart-execution': ['sv', 'restart', 'geth'] } }
    expect(parseConfig(config(host)).nodes[0]?.host).toEqual(host)
    const restoring = { kind: 'ssm', stack: 'op-reth', instance: 'i-0123456789abcdef0', restore: true }
    expect(parseConfig(config(restoring)).nodes[0]?.host).toEqual({ ...restoring, documents: 'Baton' })
  })

  test.each([
    [{ kind: 'shell', stack: 'op-geth', commands: { reboot: ['reboot'] } }, '"reboot" is not a step of op-geth'],
    [{ kind: 'shell', stack: 'no-such' }, 'nodes[0].host.stack'],
    [{ kind: 'ssm', stack: 'op-reth', instance: 'web-1' }, 'nodes[0].host.instance'],
    [{ kind: 'ssm', stack: 'op-reth' }, 'nodes[0].host.instance'],
    [{ kind: 'shell', stack: 'op-reth', restore: 'yes' }, 'baton-restore'],
    [{ kind: 'shell', stack: 'reth' }, '"op-reth"'],
  ])('%j is refused', (host, message) => {
    expect(() => parseConfig(config(host))).toThrow(message)
  })
})
