/** Where the contacts are, whether calls may go there now, and when they may this week. */
import { useTranslation } from 'react-i18next'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { usePreflight } from '../data'
import { PlacesWeek } from '../shared/PlacesWeek'

export function Places({ campaign }: { campaign: string }) {
  const { t } = useTranslation('campaigns')
  const preflight = usePreflight(campaign)
  return (
    <Section title={t('check.callees')} text={t('check.calleesText')}>
      <Loaded query={preflight} rows={7}>
        {({ places, grid }) => <PlacesWeek places={places} grid={grid} />}
      </Loaded>
    </Section>
  )
}
