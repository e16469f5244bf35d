/* Everything works without this file; with it some things are quicker. */
"use strict";
