/** What is chosen, with what is known of it, and the way to choose another. */
import { Button, Input, Text } from '@mantine/core'
import { useDisclosure, useFocusReturn } from '@mantine/hooks'
import { lazy, Suspense, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { type Kind, type Offer, offerOf, useOffers, useVendorName } from './offer'
import { Abilities, Languages, Price, Readiness, Speed } from './OfferFacts'
import classes from './vendors.module.css'

const OfferPicker = lazy(() => import('./OfferPicker').then(({ OfferPicker: page }) => ({ default: page })))

export interface ChoiceProps {
  kind: Kind
  label: string
  vendor: string
  model: string
  /** The agent's: what speaks it comes first. */
  language: string
  error?: React.ReactNode
  readOnly?: boolean
  /** Where a fault of the server's is looked for. */
  'data-path'?: string
  onChoose: (offer: Offer) => void
}

export function Choice({
  kind,
  label,
  vendor,
  model,
  language,
  error,
  readOnly,
  'data-path': path,
  onChoose,
}: ChoiceProps) {
  const { t } = useTranslation('vendors')
  const { query, offers } = useOffers(kind)
  const [choosing, dialog] = useDisclosure()
  // The dialog is there only while it is open, so it cannot give the focus back itself.
  useFocusReturn({ opened: choosing })
  const vendorName = useVendorName()
  const id = useId()
  const offer = offerOf(offers, vendor, model)
  const name = offer?.label ?? model
  return (
    <Input.Wrapper label={label} labelProps={{ id }} labelElement="div" error={error}>
      <div className={classes.choice} role="group" aria-labelledby={id} data-invalid={!!error || undefined}>
        <div className={classes.chosen}>
          <div>
            <Text span fw={600}>
              {vendorName(vendor)}
            </Text>{' '}
            {name && <Text span>{name}</Text>} {offer && <Readiness offer={offer} />}
          </div>
          {offer ? (
            <div className={classes.facts}>
              <span>
                <Price offer={offer} />
              </span>
              <span>
                <Languages offer={offer} />
              </span>
              <Speed offer={offer} />
              <Abilities offer={offer} />
            </div>
          ) : (
            !query.isPending &&
            vendor !== 'openai_compatible' && (
              <Text size="sm" c="dimmed">
                {t('unlisted')}
              </Text>
            )
          )}
        </div>
        {!readOnly && (
          <Button variant="default" size="xs" onClick={dialog.open} data-path={path}>
            {t('change')}
          </Button>
        )}
      </div>
      {choosing && (
        <Suspense>
          <OfferPicker
            title={label}
            kind={kind}
            language={language}
            chosen={offer}
            onClose={dialog.close}
            onChoose={(next) => {
              onChoose(next)
              dialog.close()
            }}
          />
        </Suspense>
      )}
    </Input.Wrapper>
  )
}
