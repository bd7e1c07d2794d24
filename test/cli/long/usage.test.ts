import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { commands } from '../../../bin/cli.ts'
import { exitCodes, exitOf } from '../../../bin/errors.ts'
import { groups } from '../../../bin/help.ts'
import { RefusedActError, UnfinishedActError } from '../../../lib/operator/errors.ts'
import { baton } from '../run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('help', () => {
  test('default', async () => {
    const { code, out } = await baton(['--help'], folder)
    expect(code).toBe(0)
    expect(out).toMatchInlineSnapshot(`
      "Decides which sequencer of a rollup may publish the next block (baton)

      USAGE baton <command> [OPTIONS]

      SEE WHAT IS GOING ON

        status        Show who sequences, why, and each node
        watch         Show the status, refreshed each second; on a terminal, act by
                      single keys
        explain       Explain what Baton would do now, and why nothing else; change
                      nothing
        history       Show what Baton and operators did or refused to do, and why;
                      newest last

      ACT ON SEQUENCING

        switchover    Move sequencing to another node at a block boundary
        pause         Stop Baton from acting on its own until resume; withdraws a
                      pending switchover
        resume        Let Baton act on its own again
        hold          Pin sequencing to the leader: restarted if it stops, never
                      replaced
        quarantine    Exclude a node: nothing is moved to it until it is released;
                      --lift releases it
        adopt         Take over a chain that a node sequences outside Baton: stop that
                      node and start another

      REPAIR AND UPGRADE

        backfill      Give a node the committed blocks its execution client lacks,
                      oldest first
        recover       Repair a node after a crash: identify the damage, repair it,
                      prove that the node works
        upgrade       Upgrade every node, one at a time, the leader last; stop at the
                      first node that does not recover
        disaster      Bring a chain back by hand: each act but survey wants the whole
                      hash of a block
        resequence    Re-sequence the batches of a cdk-erigon chain after --batch;
                      without --confirm, only print the plan

      SET UP AND RUN

        import        Make chain.json from op-conductor's settings; name what has no
                      counterpart
        config        Check a configuration: name each invalid field, its line and
                      what to write
        doctor        Check the nodes before anything is changed: what would keep
                      Baton from leading them
        start         Run Baton locally (database, gate, monitor, web page); without
                      --config, with a simulated chain
        gate          Answer conductor_* for the op-node beside it, until interrupted;
                      keep no state
        monitor       Observe, decide and act, until interrupted; a second one is a
                      warm standby

      PRACTISE

        fault         Make a simulated node fail, or repair it ("baton start" must be
                      running here)
        drill         Play a public outage on a simulated chain: what happened then,
                      what Baton does

      THIS PROGRAM

        completion    Print a completion script for bash, zsh or fish
        help          Show what a command does, its options and examples
        version       Print the version

      Use baton <command> --help, or baton help <command>, for more about a command.

      EXIT CODES

        0    done; for status and explain: the chain runs, moves, or is only observed
        1    failed
        2    bad usage or configuration; nothing was tried
        3    status, explain: the chain is halted or degraded, or no node answers
        4    the store does not answer; a write may or may not have been applied
        5    the act was refused; nothing was changed
        6    switchover: requested, but not carried out yet
        7    status, explain: the chain runs, but Baton is paused or pinned: see
             "baton resume"
      "
    `)
  })

  test('args: a command', async () => {
    const { code, out } = await baton(['switchover', '--help'], folder)
    expect(code).toBe(0)
    expect(out).toMatchInlineSnapshot(`
      "Move sequencing to another node at a block boundary (baton switchover)

      USAGE baton switchover [OPTIONS]

      OPTIONS

        --to=<node>      where to; default: the best eligible standby
        --at=<time>      not before this time, e.g. 2026-12-01T04:00:00Z
        --force          with --to: even if the node is not eligible; never to one on
                         another branch or without state
        --dry-run        show where sequencing would move, or why it would not; change
                         nothing
        --cancel         withdraw one that has not begun
        --no-wait        do not wait until it is carried out or refused
        --config=<file>  configuration of the chain, or ssm:NAME for a deployed one;
                         default: the process that "baton start" runs in this folder
        --json           write JSON: big integers as decimal strings
        --no-color       no colours; NO_COLOR=1 does the same

      EXAMPLES

        baton switchover --dry-run
                              where it would move, or why not
        baton switchover --to seq-b
                              to seq-b, and wait until it leads
        baton switchover --at 2026-12-01T04:00:00Z
                              in a maintenance window

      Exit codes: see "baton help".
      "
    `)
  })

  test.each(Object.entries(commands))(
    'behavior: %s has help that names the global options',
    async (name, { usage }) => {
      const text = await usage()
      expect(text).toContain(`baton ${name}`)
      expect(text).toContain('--json')
      expect(text).toContain('--no-color')
    },
  )

  test('behavior: nothing is wider than 80 columns', async () => {
    const pages = await Promise.all(Object.values(commands).map(({ usage }) => usage(80)))
    const { out } = await baton(['--help'], folder)
    const wide = [out, ...pages].flatMap((text) => text.split('\n')).filter((line) => line.length > 80)
    expect(wide).toEqual([])
  })

  test('behavior: every command has its place in the overview, and none has two', () => {
    expect(Object.values(groups).flat().toSorted()).toEqual(Object.keys(commands).toSorted())
  })

  test('behavior: "help" and --help are the same', async () => {
    const [verb, option] = [await baton(['help', 'hold'], folder), await baton(['hold', '--help'], folder)]
    expect(verb).toEqual(option)
    expect((await baton(['help'], folder)).out).toBe((await baton(['--help'], folder)).out)
  })

  test('behavior: no command at all is bad usage', async () => {
    expect(await baton([], folder)).toMatchObject({ code: exitCodes.usage.code, out: '' })
  })
})

describe('bad usage', () => {
  test.each([
    [['frobnicate'], 'there is no command "frobnicate"'],
    [['stauts'], 'Did you mean "baton status"?'],
    [['help', 'stauts'], 'Did you mean "baton status"?'],
    [['-x'], 'a command must come before -x'],
    [['switchover', '--too', 'x'], 'Did you mean "--to"?'],
    [['history', '--limit', '-1'], 'If the value begins with "-", write --limit=VALUE'],
    [['history', '--limit=-1'], '--limit -1 is not a number of lines'],
    [['drill', 'clokc-skew'], 'Did you mean "clock-skew"?'],
    [['fault', 'ada', 'freze'], 'Did you mean "freeze"?'],
    [['start', '--gate-port', '70000'], '--gate-port 70000 is not valid'],
    [['config', 'chek', 'chain.json'], 'Write "baton config check FILE"'],
    [['completion', 'tcsh'], 'There is bash, zsh, fish'],
    [['constructor'], 'there is no command "constructor"'],
    [['status', '--tow', 'x'], "status: unknown option '--tow'"],
    [['switchover', '--to'], "switchover: option '--to <value>' argument missing"],
    [['switchover', '--at', 'noon'], '--at noon is not a time'],
    [['switchover', '--at', '2001-01-01T00:00:00Z'], 'has passed'],
    [['hold', 'a', 'b'], '"b" is one word too many for hold'],
    [['fault', 'seq-a'], 'fault needs KIND'],
    [['fault', 'seq-a', 'explode'], 'there is no fault "explode"'],
    [['adopt'], 'adopt needs --to'],
    [['gate'], 'gate needs --config'],
    [['history', '--limit', 'all'], '--limit all is not a number of lines'],
    [['quarantine', 'seq-a'], 'needs either --why TEXT or --lift'],
    [['status'], 'no chain is given and none runs here'],
    [['status', '--config', 'nowhere.json'], 'there is no such file'],
    [['--config', 'nowhere.json', 'status'], 'there is no such file'],
  ])('behavior: %j', async (words, problem) => {
    const { code, out, err } = await baton(words, folder)
    expect(err).toContain(problem)
    expect({ code, out }).toEqual({ code: exitCodes.usage.code, out: '' })
  })

  test('args: json. Errors are JSON too', async () => {
    const { err } = await baton(['status', '--json'], folder)
    expect(JSON.parse(err)).toEqual({
      version: 1,
      kind: 'error',
      error: {
        code: 'usage',
        message: 'no chain is given and none runs here',
        remedy: 'Run "baton start" in this folder, or give --config FILE.',
      },
    })
  })

  test('behavior: a file without a store needs a running process', async () => {
    const path = join(folder, 'storeless.json')
    const node = {
      name: 'seq-a',
      zone: 'a',
      consensus: 'http://127.0.0.1:1',
      execution: 'http://127.0.0.1:1',
      secrets: ['secret-a'],
    }
    writeFileSync(path, JSON.stringify({ chain: { id: 901, name: 'test', blockTime: 2 }, nodes: [node] }))
    const { code, err } = await baton(['status', '--config', path], folder)
    expect(err).toContain('names no store, and the embedded one is not running here')
    expect(code).toBe(exitCodes.usage.code)
  })
})

describe('version', () => {
  test('default', async () => {
    expect((await baton(['version'], folder)).out).toMatch(/^\d+\.\d+\.\d+\n$/)
    for (const word of ['--version', '-v', '-V']) {
      expect((await baton([word], folder)).out).toMatch(/^\d+\.\d+\.\d+\n$/)
    }
    const { out } = await baton(['--version', '--json'], folder)
    expect(JSON.parse(out)).toMatchObject({ version: 1, kind: 'version', baton: expect.stringMatching(/^\d/) })
  })
})

test('exit codes: each number is used once', () => {
  const codes = Object.values(exitCodes).map(({ code }) => code)
  expect(new Set(codes).size).toBe(codes.length)
})

test.each([
  [new RefusedActError('no such node', 'name one'), exitCodes.refused],
  [new UnfinishedActError('it was stopped, and then', 'look at it'), exitCodes.failed],
])('exit codes: %s. Only what changed nothing is refused', (error, { code }) => {
  expect(exitOf(error)).toBe(code)
})
