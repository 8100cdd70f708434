/** The values to take out of each call. */
import { Button, Text } from '@mantine/core'
import {
  IconAt,
  IconCalendar,
  IconClock,
  IconCoin,
  IconDecimal,
  IconLetterCase,
  IconListCheck,
  IconNumber123,
  IconPhone,
  IconPlus,
  IconToggleLeft,
  type Icon,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { emptyField, type FieldForm, type FieldType, MOST } from '../config/analysis'
import { Part } from '../editor/fields'
import { useAgentForm } from '../editor/form'
import { ItemDrawer } from '../editor/ItemDrawer'
import { ItemRow } from '../editor/ItemRow'
import { useOpenItem } from '../editor/useOpenItem'
import { FieldFields } from './FieldFields'

const PLACE = 'config.extraction'

const ICONS: Record<FieldType, Icon> = {
  string: IconLetterCase,
  number: IconDecimal,
  integer: IconNumber123,
  boolean: IconToggleLeft,
  date: IconCalendar,
  time: IconClock,
  amount: IconCoin,
  phone: IconPhone,
  email: IconAt,
  enum: IconListCheck,
}

export function ExtractionSection() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { extraction } = form.values.config
  const { opened, open, close, faulty } = useOpenItem(PLACE)
  const field = opened === null ? undefined : extraction[opened]
  return (
    <Part title={t('after.fields')} lead={t('after.fieldsHelp')}>
      {extraction.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('after.noFields')}
        </Text>
      )}
      <div>
        {extraction.map((one, i) => (
          <ItemRow
            key={i}
            icon={ICONS[one.type]}
            name={one.name || t('after.unnamed')}
            mono={one.name !== ''}
            detail={<Line field={one} />}
            faulty={faulty.includes(i)}
            edit={{ label: t('after.editField'), onClick: () => open(i) }}
            remove={{
              label: t('after.removeField', { name: one.name || i + 1 }),
              onClick: () => form.removeListItem(PLACE, i),
            }}
          />
        ))}
      </div>
      {extraction.length < MOST.extraction && (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => {
            form.insertListItem(PLACE, emptyField())
            open(extraction.length)
          }}
        >
          {t('after.addField')}
        </Button>
      )}
      <ItemDrawer
        opened={field !== undefined}
        onClose={close}
        title={t('after.fieldTitle', { name: field?.name || '…' })}
      >
        {field && opened !== null && <FieldFields field={field} place={`${PLACE}.${opened}`} />}
      </ItemDrawer>
    </Part>
  )
}

function Line({ field }: { field: FieldForm }) {
  const { t } = useTranslation('agents')
  const { type, choices, many, required, description } = field
  const traits = [
    type === 'enum' && choices.length > 0 ? choices.join(' / ') : t(`after.types.${type}`),
    ...(many ? [t('after.traits_many')] : []),
    ...(required ? [t('after.traits_required')] : []),
  ].join(', ')
  return description ? `${traits} – ${description}` : traits
}
