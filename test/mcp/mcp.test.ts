// Tests of the tools of agents, over stdio and over HTTP, all against one broker.
import './leases.js';
import './tools.js';
import './handshake.js';
import './mail.js';
import './pairs.js';
import './hostile.js';
import './http.js';
