import httpErrorHandler from '@middy/http-error-handler'
import { DEFAULT_SPILL_BUDGET_MS } from '../lib/gate/context.ts'
import { createGate } from '../lib/gate/handle.ts'
import { apiEvent, formatResponse, readRequest } from '../lib/lambda/api-event.ts'
import { gateMetrics, metricsByChain } from '../lib/lambda/chain-metrics.ts'
import { remoteDesk } from '../lib/lambda/desk.ts'
import { readEnvironment } from '../lib/lambda/environment.ts'
import { gateSecrets } from '../lib/lambda/gate-secrets.ts'
import { powertoolsLog } from '../lib/lambda/log.ts'
import { openStores } from '../lib/lambda/stores.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { parameterStore } from '../lib/store/parameters.ts'
import { inlineBytesOnAws } from '../lib/store/payload.ts'
import { version } from '../lib/version.ts'

const environment = readEnvironment()
// The metrics are already one line per commit; `info` adds no second one.
const log = powertoolsLog({ quiet: true })
const { stores, objects } = openStores(environment, { objectTimeoutMs: DEFAULT_SPILL_BUDGET_MS })
const secrets = gateSecrets(environment, parameterStore(environment.region), log)
const metrics = metricsByChain(environment.name)
const gate = secrets.guard(
  createGate({
    heads: stores.heads,
    objects,
    findSecrets: secrets.find,
    inlineBytes: (chain) => inlineBytesOnAws(secrets.blockTimeMs(chain)),
    findRoleSecrets: secrets.findRole,
    ...(environment.conductorFunction !== undefined && {
      desk: remoteDesk(environment.conductorFunction, environment.region),
    }),
    ...(environment.chains.length === 1 && { rootChain: environment.chains[0] ?? '' }),
    metrics: gateMetrics(metrics.of),
    readyChain: environment.chains[0] ?? '',
    version,
    log,
  }),
)
// Opens the connections during an early start (provisioned, or ahead of the first call).
void Promise.allSettled([secrets.renew(), stores.heads.read(environment.chains[0] ?? '')])

/**
 * The gate behind API Gateway: the endpoint that `--conductor.rpc` points at. It writes Heads and, for larger payloads,
 * the bucket; it has no access to Leases. What op-conductor answers beside the commit path, another function answers for
 * it, which has. Cached secrets outlive an outage of the Parameter Store; a function that
 * starts during one refuses all callers, since it cannot authenticate them.
 */
export const handler = wrap(
  apiEvent,
  async (event) => {
    const request = readRequest(event)
    try {
      const [answer] = await Promise.all([gate(request), secrets.renew()])
      if (answer.status >= 500) countError(request.path)
      return formatResponse(answer)
    } finally {
      metrics.flush()
    }
  },
  [httpErrorHandler({ logger: false, fallbackMessage: 'internal error' })],
)

/** Counts a call that failed before authentication. */
function countError(path: string) {
  const chain = /^\/v1\/chains\/(\w+)\//.exec(path)?.[1] ?? ''
  if (environment.chains.includes(chain)) metrics.of(chain).add('GateErrors', 1)
}
