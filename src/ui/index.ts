export { showDashboard } from './show-dashboard.tsx'
