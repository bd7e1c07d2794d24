/**
 * In place of event streams, 15 kB at every cold start: no operation of DynamoDB has one. A file of its own, since the
 * SDK loads it when it first meets one: esbuild keeps all of such a file.
 */
export class EventStreamSerde {
  constructor() {
    throw new Error('event streams are left out of this bundle: see lib/cdk/bundling.ts')
  }
}

export const eventStreamSerdeProvider = () => new EventStreamSerde()
