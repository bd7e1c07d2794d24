import * as v from 'valibot'
import { archiveLag } from '../lib/lambda/archive-lag.ts'
import { metricsByChain } from '../lib/lambda/chain-metrics.ts'
import { readEnvironment } from '../lib/lambda/environment.ts'
import { powertoolsLog } from '../lib/lambda/log.ts'
import { openStores } from '../lib/lambda/stores.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { archiveRecords } from '../lib/store/archive-records.ts'
import { BadPayloadError, recordOf } from '../lib/store/errors.ts'

const environment = readEnvironment()
const log = powertoolsLog()
const { stores, objects } = openStores(environment)
const metrics = metricsByChain(environment.name)
const lag = archiveLag(stores.heads)

/** A healthy archive is as many blocks behind, while they are on their way. */
const USUAL_LAG = 5

/** The fields read from an event of a DynamoDB stream. The archive validates each record. */
const streamEvent = v.object({
  Records: v.array(
    v.object({
      eventName: v.exactOptional(v.string()),
      dynamodb: v.exactOptional(
        v.object({
          SequenceNumber: v.string(),
          NewImage: v.exactOptional(v.record(v.string(), v.unknown())),
        }),
      ),
    }),
  ),
})

/**
 * Reports a committed block whose stored payload is something else: its alarm pages, and its record names the way back.
 */
async function reportBad(error: BadPayloadError): Promise<void> {
  metrics.of(error.head.chain).add('BadPayloads', 1)
  try {
    await stores.history.append(recordOf(error))
  } catch (thrown) {
    log.error('history record not written', { error: thrown })
  }
}

/**
 * Archives the records of the Heads stream, in order of the chain. Reports a failed record by its sequence number:
 * Lambda delivers it and the following ones again until it succeeds or expires from the stream after 24 hours;
 * ArchiveLag grows meanwhile.
 */
export const handler = wrap(streamEvent, async ({ Records: records }) => {
  const bad: Promise<void>[] = []
  const response = await archiveRecords(objects, records, (error, sequenceNumber) => {
    log.error('a committed block was not archived', { sequenceNumber, error })
    if (error instanceof BadPayloadError) bad.push(reportBad(error))
  })
  await Promise.all(bad)
  try {
    const failed = response.batchItemFailures.length > 0
    for (const { chain, blocks } of await lag(records, response)) {
      if (failed || blocks > USUAL_LAG) metrics.of(chain).add('ArchiveLag', blocks)
    }
  } catch (error) {
    log.warn('the lag was not measured', { error })
  }
  metrics.flush()
  return response
})
