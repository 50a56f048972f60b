import './base.css';
import './panel.css';
import './toolbar.css';
import './confirm.css';
import './tour.css';
