/** The pages of this feature and their texts, as the routes load them. */
export { CallsPage } from './list/CallsPage'
export { CallPage } from './call/CallPage'
export { LivePage } from './wall/LivePage'
export { SearchPage } from './search/SearchPage'
export { calls as texts } from './texts'
