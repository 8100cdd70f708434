export { NumbersPage } from './numbers/NumbersPage'
export { TrunkPage } from './trunks/TrunkPage'
export { TrunksPage } from './trunks/TrunksPage'
