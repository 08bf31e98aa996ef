export { EmbeddedBroker, type EmbeddedBrokerOptions } from './embedded-broker.ts'
export type { StoreChoice } from './store/open-store.ts'
