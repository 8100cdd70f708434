import { useTranslation } from 'react-i18next'

interface Card {
  brand: string
  last4: string
}

/** "Visa ending in 4242". */
export function useCardName() {
  const { t } = useTranslation('billing')
  return ({ brand, last4 }: Card) => t('card.name', { brand: brandName(brand), last4 })
}

/** As the provider writes brands: "amex", "mastercard", "cartes_bancaires". */
export function brandName(brand: string): string {
  if (brand === 'amex') return 'American Express'
  const words = brand.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

interface Dated {
  exp_month: number | null
  exp_year: number | null
}

/** 3, 2031 -> "03/2031"; null: the provider does not tell. */
export const cardExpiry = ({ exp_month, exp_year }: Dated): string | null =>
  exp_month && exp_year ? `${String(exp_month).padStart(2, '0')}/${exp_year}` : null
