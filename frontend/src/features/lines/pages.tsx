/** The pages of this feature and their texts, as the routes load them. */
export { BuyPage } from './buying/BuyPage'
export { NumbersPage } from './numbers/NumbersPage'
export { TrunkPage } from './trunks/TrunkPage'
export { TrunksPage } from './trunks/TrunksPage'
export { lines as texts } from './texts'
