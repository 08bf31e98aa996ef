export type { Brokers, Master } from './cluster-masters.ts'
export { type AppliedChange, TopicAdmin } from './topic-admin.ts'
export type { ListedTopic, TopicKind, TopicListing, TopicOnBroker } from './topic-list.ts'
export type { TopicChange, TopicSettings, WantedTopic } from './topic-plan.ts'
