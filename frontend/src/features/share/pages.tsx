/** The page of this feature and its texts, as the routes load them. */
export { SharePage } from './SharePage'
export { share as texts } from './texts'
