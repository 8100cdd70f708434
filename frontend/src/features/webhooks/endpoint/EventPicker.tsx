/** Which events an endpoint is told of: all, whole families, or single ones. */
import { Checkbox, Radio, Stack, Text } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { Loaded } from '@/components/states'
import { useEventTypes } from '../data'
import { useFamilyName } from '../words'
import classes from '../webhooks.module.css'
import { type EndpointForm, familiesOf, type Family, hears, switchFamily, switchType } from './values'

export function EventPicker({ form }: { form: UseFormReturnType<EndpointForm> }) {
  const { t } = useTranslation('webhooks')
  const query = useEventTypes()
  const { all, event_types } = form.values
  return (
    <Stack gap="sm">
      <Radio.Group
        label={t('events')}
        value={all ? 'all' : 'some'}
        onChange={(value) => form.setFieldValue('all', value === 'all')}
      >
        <Stack gap={6} mt={6}>
          <Radio value="all" label={t('eventsAll')} description={t('eventsAllHelp')} />
          <Radio value="some" label={t('eventsSome')} />
        </Stack>
      </Radio.Group>
      {!all && (
        <Loaded query={query} rows={3}>
          {({ results }) => (
            <div className={classes.families}>
              {familiesOf(results).map((family) => (
                <FamilyBoxes
                  key={family.name}
                  family={family}
                  wanted={event_types}
                  onChange={(next) => form.setFieldValue('event_types', next)}
                />
              ))}
            </div>
          )}
        </Loaded>
      )}
      {form.errors.event_types && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {form.errors.event_types}
        </Text>
      )}
    </Stack>
  )
}

interface FamilyProps {
  family: Family
  wanted: readonly string[]
  onChange: (wanted: string[]) => void
}

function FamilyBoxes({ family, wanted, onChange }: FamilyProps) {
  const { t } = useTranslation('webhooks')
  const name = useFamilyName()(family.name)
  const whole = wanted.includes(`${family.name}.*`)
  const some = family.types.some((type) => hears(wanted, type.name))
  return (
    <fieldset className={classes.family}>
      <legend>{name}</legend>
      <Stack gap={6}>
        <Checkbox
          label={t('familyAll')}
          aria-label={t('familyAllOf', { name })}
          checked={whole}
          indeterminate={some && !whole}
          onChange={(event) => onChange(switchFamily(wanted, family.name, event.currentTarget.checked))}
        />
        {family.types.map((type) => (
          <Checkbox
            key={type.name}
            ml="lg"
            label={<span className="tl-mono">{type.name}</span>}
            description={type.description}
            checked={hears(wanted, type.name)}
            onChange={(event) => onChange(switchType(wanted, type.name, event.currentTarget.checked, family))}
          />
        ))}
      </Stack>
    </fieldset>
  )
}
