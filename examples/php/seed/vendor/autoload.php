<?php

require __DIR__ . '/../../../../sdk/php/autoload.php';
