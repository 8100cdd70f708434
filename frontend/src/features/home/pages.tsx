/** The pages of this feature and their texts, as the routes load them. */
export { HomePage } from './HomePage'
export { home as texts } from './texts'
