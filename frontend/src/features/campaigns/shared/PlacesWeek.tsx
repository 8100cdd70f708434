/** The places where a campaign's contacts are, one of them chosen, and its week. */
import { Badge, Group, Stack, Text, UnstyledButton } from '@mantine/core'
import dayjs from 'dayjs'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { count } from '@/components/format'
import { countryOf, zonesOf } from './places'
import type { GridRow, PlaceSeen } from './types'
import { WeekGrid } from './WeekGrid'
import classes from './shared.module.css'

export function PlacesWeek({ places, grid }: { places: readonly PlaceSeen[]; grid: readonly GridRow[] }) {
  const { t } = useTranslation('campaigns')
  const [chosen, choose] = useState('')
  const row = grid.find(({ place }) => place === chosen) ?? grid[0]
  const seen = places.find(({ id }) => id === row?.place)
  if (!row || !seen) return <Text c="dimmed">{t('week.noPlaces')}</Text>
  return (
    <Stack gap="md">
      {places.length > 1 && (
        <div className={classes.places} role="group" aria-label={t('week.places')}>
          {places.map((place) => (
            <PlaceLine
              key={place.id}
              place={place}
              chosen={place === seen}
              onChoose={() => choose(place.id)}
            />
          ))}
        </div>
      )}
      <WeekGrid place={zonesOf(seen) || t('week.unknownZone')} days={row.days} />
      {!seen.open && seen.why && (
        <Text size="sm" role="status">
          {seen.why}
        </Text>
      )}
    </Stack>
  )
}

interface PlaceLineProps {
  place: PlaceSeen
  chosen: boolean
  onChoose: () => void
}

function PlaceLine({ place, chosen, onChoose }: PlaceLineProps) {
  const { t } = useTranslation('campaigns')
  const country = countryOf(place)
  return (
    <UnstyledButton className={classes.place} aria-pressed={chosen} onClick={onChoose}>
      <span>
        <Text component="span" fw={500} size="sm">
          {zonesOf(place) || t('week.unknownZone')}
        </Text>
        {country && (
          <Text component="span" size="sm" c="dimmed" ml={8}>
            {country}
          </Text>
        )}
      </span>
      <Group gap="xs" component="span">
        <Text component="span" size="sm">
          {t('week.contacts', { count: place.contacts, shown: count(place.contacts) })}
        </Text>
        <Badge component="span" color={place.open ? 'petrol' : 'gray'}>
          <Opens place={place} />
        </Badge>
      </Group>
    </UnstyledButton>
  )
}

function Opens({ place: { open, never, next_opens_at } }: { place: PlaceSeen }) {
  const { t } = useTranslation('campaigns')
  if (open) return t('week.openNow')
  if (never || !next_opens_at) return t('week.never')
  return t('week.opens', { at: dayjs(next_opens_at).format('ddd D MMM, HH:mm') })
}
