import { serveRequests } from '../../base/serve-requests.ts';
import { answer } from './answer.ts';

/** A thread that lists and reads files in search of equal ones. */
serveRequests(answer);
