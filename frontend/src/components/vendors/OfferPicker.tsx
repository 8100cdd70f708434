/** The catalogue of one kind, side by side. */
import { Badge, Button, Group, Modal, SegmentedControl, Stack, Switch, Text, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import dayjs from 'dayjs'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Loaded } from '@/components/states'
import {
  choices,
  type Kind,
  keyOf,
  languagesInWords,
  type Offer,
  type Order,
  ORDERS,
  useOffers,
} from './offer'
import { Abilities, Languages, Price, Readiness, Speed } from './OfferFacts'
import classes from './vendors.module.css'

interface OfferPickerProps {
  title: string
  kind: Kind
  language: string
  chosen: Offer | undefined
  onChoose: (offer: Offer) => void
  onClose: () => void
}

export function OfferPicker({ title, kind, language, chosen, onChoose, onClose }: OfferPickerProps) {
  const { t } = useTranslation('vendors')
  const { query, offers } = useOffers(kind)
  const [text, setText] = useState('')
  const [speaking, setSpeaking] = useState(true)
  const [ready, setReady] = useState(false)
  const [order, setOrder] = useState<Order>('suggested')
  const wanted = { text, language: speaking ? language : '', ready, order }
  return (
    <Modal opened onClose={onClose} title={title} size="60rem">
      <Stack>
        <TextInput
          aria-label={t('search')}
          placeholder={t('search')}
          leftSection={<IconSearch size={16} />}
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Group justify="space-between">
          <Group gap="lg">
            <Switch
              label={t('speaksOnly', { language: languagesInWords(t, [language]) })}
              checked={speaking}
              onChange={(event) => setSpeaking(event.currentTarget.checked)}
            />
            <Switch
              label={t('readyOnly')}
              checked={ready}
              onChange={(event) => setReady(event.currentTarget.checked)}
            />
          </Group>
          <SegmentedControl
            size="xs"
            aria-label={t('order')}
            value={order}
            onChange={(value) => setOrder(value as Order)}
            data={ORDERS.map((value) => ({ value, label: t(`orders.${value}`) }))}
          />
        </Group>
        <Loaded query={query} rows={8}>
          {() => <Offers offers={choices(offers, wanted)} chosen={chosen} onChoose={onChoose} />}
        </Loaded>
      </Stack>
    </Modal>
  )
}

interface OffersProps {
  offers: Offer[]
  chosen: Offer | undefined
  onChoose: (offer: Offer) => void
}

function Offers({ offers, chosen, onChoose }: OffersProps) {
  const { t } = useTranslation('vendors')
  const newest = offers
    .flatMap(({ priced_on }) => priced_on ?? [])
    .sort()
    .at(-1)
  return (
    <>
      <ul className={classes.offers}>
        {offers.map((offer) => (
          <OfferRow
            key={keyOf(offer)}
            offer={offer}
            chosen={chosen !== undefined && keyOf(chosen) === keyOf(offer)}
            onChoose={() => onChoose(offer)}
          />
        ))}
      </ul>
      {offers.length === 0 && <Text c="dimmed">{t('none')}</Text>}
      {newest && (
        <Text size="sm" c="dimmed">
          {t('pricesOf', { date: dayjs(newest).format('MMMM YYYY') })}
        </Text>
      )}
    </>
  )
}

function OfferRow({ offer, chosen, onChoose }: { offer: Offer; chosen: boolean; onChoose: () => void }) {
  const { t } = useTranslation('vendors')
  const name = `${offer.vendor_label} ${offer.label}`
  return (
    <li className={classes.offer} data-chosen={chosen || undefined}>
      <div className={classes.name}>
        <Text span c="dimmed" size="sm">
          {offer.vendor_label}
        </Text>
        <Text fw={600} lh={1.3}>
          {offer.label}
        </Text>
        <Readiness offer={offer} />
      </div>
      <div>
        <Price offer={offer} />
      </div>
      <div>
        <Languages offer={offer} />
        <div className={classes.facts}>
          <Abilities offer={offer} />
        </div>
      </div>
      <div>
        <Speed offer={offer} />
      </div>
      <div className={classes.take}>
        {chosen ? (
          <Badge>{t('inUse')}</Badge>
        ) : (
          <Button size="xs" variant="default" aria-label={t('chooseName', { name })} onClick={onChoose}>
            {t('choose')}
          </Button>
        )}
      </div>
    </li>
  )
}
