/** The pages of this feature and their texts, as the routes load them. */
export { StartPage } from './StartPage'
export { start as texts } from './texts'
